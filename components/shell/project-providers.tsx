'use client'
import type { ReactNode } from 'react'
import { KeyHelp } from '../ui/key-help'
import { ToastProvider } from '../ui/toast'
import { KeysProvider } from '../ui/use-keys'

/** What every page of a project can reach: keys, their help, one toast. */
export function ProjectProviders({ children }: { children: ReactNode }) {
  return (
    <KeysProvider>
      <ToastProvider>
        {children}
        <KeyHelp />
      </ToastProvider>
    </KeysProvider>
  )
}
