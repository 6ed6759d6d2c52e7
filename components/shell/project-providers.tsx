'use client'
import type { ReactNode } from 'react'
import type { PersonKeys } from '@/domain/key-map'
import { KeyHelp } from '../ui/key-help'
import { ToastProvider } from '../ui/toast'
import { KeysProvider } from '../ui/use-keys'
import { changeKeys } from './change-keys'

/** What every page of a project can reach: keys, their help, one toast. */
export function ProjectProviders({ keys, children }: { keys: PersonKeys; children: ReactNode }) {
  return (
    <KeysProvider initial={keys}>
      <ToastProvider>
        {children}
        <KeyHelp change={changeKeys} />
      </ToastProvider>
    </KeysProvider>
  )
}
