'use client'
import { CloudOff } from 'lucide-react'
import { lazy, startTransition, useState } from 'react'
import { useToast } from '../ui/toast'
import { ProjectButton } from './project-button'
import type { ShellFacts } from './shell-facts'

const load = () => import('./project-menu-open')
const ProjectMenuOpen = lazy(async () => ({ default: (await load()).ProjectMenuOpen }))

/** The way to other projects. The menu's code comes with its first use. */
export function ProjectMenu({ facts }: { facts: ShellFacts }) {
  const [wanted, setWanted] = useState(false)
  const toast = useToast()
  if (wanted) return <ProjectMenuOpen facts={facts} />
  return (
    <ProjectButton
      name={facts.project.name}
      aria-haspopup="menu"
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
