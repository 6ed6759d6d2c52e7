'use client'
import { CloudOff } from 'lucide-react'
import { lazy, startTransition, useState } from 'react'
import { useToast } from '../ui/toast'
import { DownloadButton, type DownloadMenuProps } from './download-button'

const load = () => import('./download-menu-open')
const DownloadMenuOpen = lazy(async () => ({ default: (await load()).DownloadMenuOpen }))

/** The view as a file. The menu's code comes with its first use. */
export function DownloadMenu(props: DownloadMenuProps) {
  const [wanted, setWanted] = useState(false)
  const toast = useToast()
  if (wanted) return <DownloadMenuOpen {...props} />
  return (
    <DownloadButton
      aria-haspopup="dialog"
      aria-expanded={false}
      onPointerEnter={() => void load().catch(() => {})}
      onFocus={() => void load().catch(() => {})}
      onClick={() =>
        void load().then(
          () => startTransition(() => setWanted(true)),
          () =>
            toast.show({
              icon: <CloudOff />,
              text: 'The server can’t be reached, so the menu can’t open. Try again.',
            }),
        )
      }
    />
  )
}
