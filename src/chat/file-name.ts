/** A file name that every system takes: Latin letters, digits and little else. */
export function fileName(name: string, extension: string): string {
  const plain = name
    .normalize('NFKD')
    .replace(/\p{M}/gu, '')
    .replace(/[^A-Za-z0-9]+/g, '-')
    .replace(/^-+|-+$/g, '')
    .slice(0, 60)
    .replace(/-+$/, '');
  return `${plain || 'file'}.${extension}`;
}

/** Takes a name with its extension. */
export function safeName(name: string): string {
  const dot = name.lastIndexOf('.');
  const extension = dot > 0 ? name.slice(dot + 1).replace(/[^A-Za-z0-9]/g, '') : '';
  return fileName(dot > 0 ? name.slice(0, dot) : name, extension.slice(0, 10) || 'txt');
}
