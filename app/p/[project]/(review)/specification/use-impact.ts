'use client'
import { useEffect, useState } from 'react'
import type { ChangeSpecificationBody, SpecificationPreview } from '@/contract/v1/specification'
import { ApiError, createClient } from '@/sdk/client'

const client = createClient()
const pauseMs = 350

/** What a change would touch, asked a moment after the last key. The mapping touches nothing: it may be missing still. */
export function useImpact(project: string, body: ChangeSpecificationBody, missing: string | null) {
  const [found, setFound] = useState<{ key: string; preview: SpecificationPreview } | null>(null)
  const [problem, setProblem] = useState<string | null>(null)
  const [round, setRound] = useState(0)
  const wordless = body.schema.reasons.length === 0 || body.schema.reasons.some(reason => reason.words === '')
  const key = JSON.stringify({ ...body, mapping: {}, note: '' })
  // biome-ignore lint/correctness/useExhaustiveDependencies: a new round asks again.
  useEffect(() => {
    if (wordless) return
    const gone = new AbortController()
    const timer = setTimeout(async () => {
      try {
        const preview = await client.request<SpecificationPreview>(
          'POST',
          `/projects/${project}/specification/preview`,
          JSON.parse(key),
          { signal: gone.signal },
        )
        setFound({ key, preview })
        setProblem(null)
      } catch (error) {
        if (gone.signal.aborted) return
        setProblem(error instanceof ApiError ? error.detail : 'Counting failed. Nothing was changed.')
      }
    }, pauseMs)
    return () => {
      clearTimeout(timer)
      gone.abort()
    }
  }, [key, project, round, wordless])
  return {
    preview: found?.preview ?? null,
    problem,
    counting: missing === null && found?.key !== key,
    again: () => setRound(count => count + 1),
  }
}
