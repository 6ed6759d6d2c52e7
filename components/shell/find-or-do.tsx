'use client'
import { CloudOff } from 'lucide-react'
import {
  createContext,
  lazy,
  type ReactNode,
  Suspense,
  startTransition,
  use,
  useCallback,
  useMemo,
  useState,
} from 'react'
import { useToast } from '../ui/toast'
import { useKeys } from '../ui/use-keys'
import type { ShellFacts } from './shell-facts'

const load = () => import('./palette')
const Palette = lazy(async () => ({ default: (await load()).Palette }))
const Context = createContext<(() => void) | null>(null)

/** The palette of every page of a project: where to go, what to do here. Its code comes with its first use. */
export function FindOrDo({ facts, children }: { facts: ShellFacts; children: ReactNode }) {
  const [open, setOpen] = useState(false)
  const { show } = useToast()
  const openPalette = useCallback(
    () =>
      void load().then(
        () => startTransition(() => setOpen(true)),
        () =>
          show({ icon: <CloudOff />, text: 'The server can’t be reached, so this can’t open. Try again.' }),
      ),
    [show],
  )
  useKeys(
    'Everywhere',
    useMemo(() => [{ chord: 'mod+k', label: 'find or do', run: openPalette }], [openPalette]),
  )
  return (
    <Context value={openPalette}>
      {children}
      {open ? (
        <Suspense>
          <Palette facts={facts} onClose={() => setOpen(false)} />
        </Suspense>
      ) : null}
    </Context>
  )
}

/** Opens the palette. */
export function useFindOrDo(): () => void {
  const open = use(Context)
  if (!open) throw new Error('The palette is used outside FindOrDo')
  return open
}
