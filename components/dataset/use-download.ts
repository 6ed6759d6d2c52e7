import { useEffect, useRef, useState } from 'react'
import type { PreparedFile } from '@/contract/v1/datasets'
import { ApiError, createClient } from '@/sdk/client'

const client = createClient()
const lookAgainMs = 400

/** A length as people say it: `41.8 MB`. */
function lengthWords(bytes: number): string {
  if (bytes < 1000) return `${bytes} B`
  const [value, unit] =
    bytes < 1e6 ? [bytes / 1e3, 'KB'] : bytes < 1e9 ? [bytes / 1e6, 'MB'] : [bytes / 1e9, 'GB']
  return `${value.toFixed(value < 10 ? 1 : 0)} ${unit}`
}

/**
 * Downloads files that may have to be made first: has them made and says how far they are, then hands over to the browser,
 * which knows the length by then and shows the rest.
 */
export function useDownload() {
  /** By address: what becomes of the file just now. */
  const [now, setNow] = useState<Record<string, string>>({})
  const [refusal, setRefusal] = useState<ApiError | null>(null)
  const gone = useRef(false)
  useEffect(() => {
    gone.current = false
    return () => {
      gone.current = true
    }
  }, [])
  const tell = (href: string, words: string | null) =>
    setNow(({ [href]: _, ...others }) => (words === null ? others : { ...others, [href]: words }))

  async function download(href: string): Promise<void> {
    setRefusal(null)
    tell(href, 'Looking for the file.')
    try {
      for (;;) {
        const { state, bytes } = await client.request<PreparedFile>(
          'POST',
          href.replace(/^\/api\/v1/, ''),
          {},
        )
        if (gone.current) return
        if (state === 'ready') break
        tell(href, `Making the file: ${lengthWords(bytes ?? 0)} so far.`)
        await new Promise(resolve => setTimeout(resolve, lookAgainMs))
      }
      window.location.assign(href)
    } catch (error) {
      setRefusal(
        error instanceof ApiError
          ? error
          : new ApiError({
              status: 0,
              code: 'page_failed',
              detail: 'Something failed here. Press it again.',
            }),
      )
    } finally {
      tell(href, null)
    }
  }
  return { now, refusal, download }
}
