'use client'
import { useState } from 'react'
import { ApiError, createClient } from '@/sdk/client'

const client = createClient()

/** One request of a form: busy while it runs; a refusal goes to its field, or beneath the form. */
export function useRequest() {
  const [busy, setBusy] = useState(false)
  const [refusal, setRefusal] = useState<ApiError | null>(null)
  const [lacks, setLacks] = useState<Record<string, string>>({})

  async function send<T>(...[method, path, body]: Parameters<typeof client.request>): Promise<T | null> {
    setBusy(true)
    setRefusal(null)
    try {
      return await client.request<T>(method, path, body)
    } catch (error) {
      setRefusal(
        error instanceof ApiError
          ? error
          : new ApiError({
              status: 0,
              code: 'page_failed',
              detail: 'That didn’t work. What you typed is still here.',
            }),
      )
      return null
    } finally {
      setBusy(false)
    }
  }

  /** Checks what can be seen without asking the server; `false` for a field that is fine. */
  function ready(checks: Record<string, string | false>): boolean {
    const wrong = Object.entries(checks).filter((entry): entry is [string, string] => entry[1] !== false)
    setLacks(Object.fromEntries(wrong))
    setRefusal(null)
    return wrong.length === 0
  }

  return {
    send,
    ready,
    busy,
    /** The refusal's words, for the field it names. */
    errorOf: (field: string) => lacks[field] ?? (refusal?.field === field ? refusal.fieldWords : null),
    /** A refusal that names none of these fields. */
    otherThan: (...fields: string[]) => (refusal && !fields.includes(refusal.field ?? '') ? refusal : null),
  }
}
