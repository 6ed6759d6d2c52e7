/** The most origins that one publishable key is bound to. */
export const mostOrigins = 20

/**
 * Whether a text is the origin of a web page as a browser sends it: `https://shop.example` or `http://localhost:5173`,
 * in lower case, without a path and without the port that the scheme has anyway.
 */
export function isPageOrigin(text: string): boolean {
  if (text.includes('*') || !URL.canParse(text)) return false
  const { origin, protocol } = new URL(text)
  return origin === text && (protocol === 'https:' || protocol === 'http:')
}
