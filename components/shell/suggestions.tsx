'use client'
import { CircleDashed, CircleSlash } from 'lucide-react'
import { createContext, type ReactNode, use, useCallback, useMemo, useState } from 'react'
import type { Consent } from '@/contract/v1/actor'
import { ApiError, createClient } from '@/sdk/client'
import { useToast } from '../ui/toast'
import styles from './top-bar.module.css'

interface SuggestionsSwitch {
  /** Whether this person wants suggestions in this project. */
  on: boolean
  /** Takes effect at once, here and on the server; a toast undoes it. */
  setOn: (on: boolean) => Promise<void>
}

const Context = createContext<SuggestionsSwitch | null>(null)

export function useSuggestionsSwitch(): SuggestionsSwitch {
  const context = use(Context)
  if (!context) throw new Error('The suggestions switch is used outside its provider')
  return context
}

export function SuggestionsProvider({
  project,
  initiallyOn,
  children,
}: {
  project: string
  initiallyOn: boolean
  children: ReactNode
}) {
  const [on, setState] = useState(initiallyOn)
  const toast = useToast()
  const save = useCallback(
    async (next: boolean, quiet: boolean) => {
      setState(next)
      try {
        await createClient().request<Consent>('PUT', `/projects/${project}/consent`, { suggestionsOn: next })
        if (quiet) return
        toast.show({
          icon: next ? <CircleDashed /> : <CircleSlash />,
          text: next ? 'Suggestions are on.' : 'Suggestions are off. You write without them.',
          actionLabel: 'Undo',
          keyHint: 'z',
          onAction: () => void save(!next, true),
        })
      } catch (error) {
        setState(!next)
        toast.show({
          icon: <CircleSlash />,
          text: `That didn’t save. ${error instanceof ApiError ? error.detail : 'Try again.'}`,
        })
      }
    },
    [project, toast],
  )
  const value = useMemo(() => ({ on, setOn: (next: boolean) => save(next, false) }), [on, save])
  return <Context value={value}>{children}</Context>
}

export function SuggestionsToggle() {
  const { on, setOn } = useSuggestionsSwitch()
  return (
    <button
      type="button"
      role="switch"
      aria-checked={on}
      className={styles.quiet}
      onClick={() => void setOn(!on)}
    >
      {on ? <CircleDashed aria-hidden /> : <CircleSlash aria-hidden />}
      <span className={styles.wideOnly}>Suggestions {on ? 'on' : 'off'}</span>
      <span className={styles.narrowOnly}>{on ? 'On' : 'Off'}</span>
    </button>
  )
}
