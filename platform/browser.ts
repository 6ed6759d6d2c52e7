import { existsSync } from 'node:fs'
import path from 'node:path'

const names = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable', 'chrome']
const macApps = [
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
  '/Applications/Chromium.app/Contents/MacOS/Chromium',
]

/** An installed Chromium (CHROMIUM_PATH, then the usual names on the PATH), or null: Playwright's own may still be there. */
export function findBrowser(env: Record<string, string | undefined> = process.env): string | null {
  if (env.CHROMIUM_PATH) return existsSync(env.CHROMIUM_PATH) ? env.CHROMIUM_PATH : null
  const folders = (env.PATH ?? '').split(path.delimiter).filter(Boolean)
  const candidates = [...names.flatMap(name => folders.map(folder => path.join(folder, name))), ...macApps]
  return candidates.find(file => existsSync(file)) ?? null
}
