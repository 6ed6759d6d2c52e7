'use client'
import { useRouter } from 'next/navigation'
import { type ReactNode, useState, useTransition } from 'react'
import type { UndoAnswer } from '@/contract/v1/actions'
import { ApiError, createClient } from '@/sdk/client'
import { useToast } from '../ui/toast'

const client = createClient()
type Request = Parameters<typeof client.request>

function refusalOf(error: unknown): ApiError {
  if (error instanceof ApiError) return error
  return new ApiError({
    status: 0,
    code: 'page_failed',
    detail: 'That didn’t work. Nothing was changed; try again.',
  })
}

/**
 * A change of the project that is an action: done, told in a toast with its undo, and the page read again.
 * A refusal stays in sight until the next try.
 */
export function useChange(project: string) {
  const router = useRouter()
  const toast = useToast()
  const [busy, setBusy] = useState<string | null>(null)
  const [refusal, setRefusal] = useState<ApiError | null>(null)
  const [redrawing, startTransition] = useTransition()

  async function run<T>(name: string, ...request: Request): Promise<T | null> {
    setBusy(name)
    setRefusal(null)
    try {
      const answer = await client.request<T>(...request)
      startTransition(() => router.refresh())
      return answer
    } catch (error) {
      setRefusal(refusalOf(error))
      return null
    } finally {
      setBusy(null)
    }
  }

  async function undo(actionId: string, undone: string): Promise<void> {
    const answer = await run<UndoAnswer>(actionId, 'POST', `/projects/${project}/actions/${actionId}/undo`)
    if (answer)
      toast.show({
        text: undone,
        actionLabel: 'Redo',
        keyHint: 'shift+z',
        onAction: () => void undo(answer.actionId, 'Done again.'),
      })
  }

  return {
    run,
    undo,
    /** Which one is on its way. */
    busy,
    /** The page is being read again: what was acted on may be about to go. */
    redrawing,
    refusal,
    /** The refusal's words for the field it names. */
    errorOf: (field: string) => (refusal?.field === field ? refusal.fieldWords : null),
    /** Says what was done, with the way back. */
    tell(text: string, actionId: string | null, undone: string, icon?: ReactNode) {
      const said = icon ? { icon, text } : { text }
      toast.show(
        actionId
          ? { ...said, actionLabel: 'Undo', keyHint: 'z', onAction: () => void undo(actionId, undone) }
          : said,
      )
    },
  }
}
