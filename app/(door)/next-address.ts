/**
 * Where to go after sign-in: an address of our own, or the first page.
 * Anything that a browser could read as another host is dropped.
 */
export function nextAddress(wanted: string | string[] | null | undefined): string {
  if (typeof wanted !== 'string' || !wanted.startsWith('/')) return '/'
  try {
    const here = 'http://here.invalid'
    const url = new URL(wanted, here)
    if (url.origin !== here || url.pathname.startsWith('//')) return '/'
    return url.pathname + url.search + url.hash
  } catch {
    return '/'
  }
}
