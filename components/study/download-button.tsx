import { Download } from 'lucide-react'
import type { ComponentProps } from 'react'
import { Button } from '../ui/button'
import type { FilterValues } from './feedback-address'

export interface DownloadMenuProps {
  slug: string
  values: FilterValues
  /** Whether this person may make the key that the line asks for. */
  mayMakeKeys: boolean
}

export function DownloadButton(props: Partial<ComponentProps<typeof Button>>) {
  return (
    <Button {...props} icon={<Download />}>
      Download
    </Button>
  )
}
