'use client'
import { CloudOff } from 'lucide-react'
import { lazy, startTransition, useState } from 'react'
import { useToast } from '../ui/toast'
import { AccountButton } from './account-button'
import type { NavGroup } from './project-links'
import type { ShellFacts } from './shell-facts'

export interface AccountMenuProps {
  facts: ShellFacts
  /** Groups of pages that the bar around it does not show already. */
  groups?: NavGroup[]
  /** True where the name stands beside the initials. */
  named?: boolean
  side?: 'top' | 'bottom'
}

const load = () => import('./account-menu-open')
const AccountMenuOpen = lazy(async () => ({ default: (await load()).AccountMenuOpen }))

/** The person: other pages and projects, theme, account, the way out. The menu's code comes with its first use. */
export function AccountMenu(props: AccountMenuProps) {
  const [wanted, setWanted] = useState(false)
  const toast = useToast()
  const open = () =>
    load().then(
      () => startTransition(() => setWanted(true)),
      () =>
        toast.show({
          icon: <CloudOff />,
          text: 'The server can’t be reached, so the menu can’t open. Try again.',
        }),
    )
  if (wanted) return <AccountMenuOpen {...props} />
  return (
    <AccountButton
      name={props.facts.person.name}
      named={props.named ?? false}
      aria-haspopup="menu"
      aria-expanded={false}
      onPointerEnter={() => void load().catch(() => {})}
      onFocus={() => void load().catch(() => {})}
      onClick={() => void open()}
    />
  )
}
