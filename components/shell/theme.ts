export const themeCookie = 'amend.theme'
export const themes = ['system', 'light', 'dark'] as const
export type Theme = (typeof themes)[number]

/** Reads the cookie's value; anything unknown follows the system. */
export function readTheme(value: string | undefined): Theme {
  return value === 'light' || value === 'dark' ? value : 'system'
}

/** Draws the theme at once and remembers it, so that the server draws it from the first byte next time. */
export function applyTheme(theme: Theme): void {
  if (theme === 'system') delete document.documentElement.dataset.theme
  else document.documentElement.dataset.theme = theme
  const life = theme === 'system' ? 0 : 365 * 24 * 3600
  const secure = location.protocol === 'https:' ? '; Secure' : ''
  // biome-ignore lint/suspicious/noDocumentCookie: the Cookie Store API is not in every browser yet.
  document.cookie = `${themeCookie}=${theme}; Path=/; Max-Age=${life}; SameSite=Lax${secure}`
}

/** What is drawn now, read back from the page. */
export function currentTheme(): Theme {
  return readTheme(document.documentElement.dataset.theme)
}
