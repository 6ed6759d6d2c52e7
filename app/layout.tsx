import { GeistSans } from 'geist/font/sans'
import type { Metadata, Viewport } from 'next'
import localFont from 'next/font/local'
import { cookies } from 'next/headers'
import { connection } from 'next/server'
import type { ReactNode } from 'react'
import { readTheme, themeCookie } from '@/components/shell/theme'
import '@fontsource-variable/source-serif-4/wght.css'
import './globals.css'

/** Only ids and keys are mono, so it is fetched where one is drawn and not ahead of every page. */
const geistMono = localFont({
  src: '../node_modules/geist/dist/fonts/geist-mono/GeistMono-Variable.woff2',
  variable: '--font-geist-mono',
  weight: '100 900',
  preload: false,
  adjustFontFallback: false,
})

export const metadata: Metadata = {
  title: { default: 'Amend', template: '%s · Amend' },
  description: 'A model suggests, a person decides, and every decision can be taken back.',
  robots: { index: false, follow: false },
  referrer: 'no-referrer',
}

export const viewport: Viewport = {
  width: 'device-width',
  initialScale: 1,
  colorScheme: 'light dark',
  themeColor: [
    { media: '(prefers-color-scheme: light)', color: '#f9fafb' },
    { media: '(prefers-color-scheme: dark)', color: '#0f1115' },
  ],
}

export default async function RootLayout({ children }: { children: ReactNode }) {
  // Every page is drawn per request: each carries its own script nonce.
  await connection()
  const theme = readTheme((await cookies()).get(themeCookie)?.value)
  return (
    <html
      lang="en"
      className={`${GeistSans.variable} ${geistMono.variable}`}
      data-theme={theme === 'system' ? undefined : theme}
    >
      <body>
        <a href="#content" className="skip-link">
          Skip to content
        </a>
        {children}
      </body>
    </html>
  )
}
