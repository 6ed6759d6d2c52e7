'use client'
import {
  Activity,
  BookOpenText,
  ChartLine,
  ChartNoAxesColumn,
  FileInput,
  Gem,
  GitCompareArrows,
  Goal,
  GraduationCap,
  History,
  Images,
  Inbox,
  Keyboard,
  Layers,
  ListChecks,
  type LucideIcon,
  Menu as MenuIcon,
  MessageSquareText,
  RotateCcw,
  Scale,
  Search,
  Settings2,
  UsersRound,
  X,
} from 'lucide-react'
import Link from 'next/link'
import { usePathname } from 'next/navigation'
import { useEffect, useRef, useState } from 'react'
import { IconButton } from '../ui/icon-button'
import { Keycap } from '../ui/keycap'
import { Logo } from '../ui/logo'
import { useKeyHelp, useKeys } from '../ui/use-keys'
import { AccountMenu } from './account-menu'
import { useFindOrDo } from './find-or-do'
import type { NavGroup, NavLink } from './project-links'
import { ProjectMenu } from './project-menu'
import type { ShellFacts } from './shell-facts'
import styles from './side-nav.module.css'

const icons: Record<NavLink['page'], LucideIcon> = {
  feedback: MessageSquareText,
  datasets: Layers,
  models: GitCompareArrows,
  monitors: Activity,
  learned: GraduationCap,
  outcomes: Goal,
  inbox: Inbox,
  album: Images,
  demand: ChartLine,
  'my-history': RotateCcw,
  queues: ListChecks,
  adjudicate: Scale,
  specification: BookOpenText,
  'queues/gold': Gem,
  'my-figures': ChartNoAxesColumn,
  import: FileInput,
  members: UsersRound,
  history: History,
  settings: Settings2,
}
const groups: NavGroup[] = ['Study', 'Use', 'Review', 'Project']

/** Of links that lead to where one is or above it, the nearest: a page below another has a link of its own. */
function currentLink(links: readonly NavLink[], here: string): string | undefined {
  return links
    .map(link => link.href)
    .filter(href => here === href || here.startsWith(`${href}/`))
    .sort((a, b) => b.length - a.length)[0]
}

/** The navigation of the study and project pages; on narrow windows it folds into a menu. */
export function SideNav({ facts }: { facts: ShellFacts }) {
  const here = usePathname()
  const current = currentLink(facts.links, here)
  const [open, setOpen] = useState(false)
  const { helpOpen, setHelpOpen } = useKeyHelp()
  const openPalette = useFindOrDo()
  const button = useRef<HTMLButtonElement>(null)
  // biome-ignore lint/correctness/useExhaustiveDependencies: arriving on another page closes the menu.
  useEffect(() => setOpen(false), [here])
  useKeys('Menu', [
    {
      chord: 'escape',
      label: 'close the menu',
      enabled: open,
      run: () => {
        setOpen(false)
        button.current?.focus()
      },
    },
  ])
  return (
    <header className={styles.side} data-open={open || undefined}>
      <div className={styles.top}>
        <Link
          href={`/p/${facts.project.slug}`}
          className={styles.home}
          aria-label={`Amend, ${facts.project.name}`}
        >
          <Logo />
        </Link>
        <span className={styles.fold}>
          <IconButton
            ref={button}
            label={open ? 'Close the menu' : 'Open the menu'}
            icon={open ? <X /> : <MenuIcon />}
            aria-expanded={open}
            aria-controls="project-nav"
            onClick={() => setOpen(!open)}
          />
        </span>
      </div>
      <div id="project-nav" className={styles.body}>
        <ProjectMenu facts={facts} />
        <button type="button" className={styles.find} aria-haspopup="dialog" onClick={openPalette}>
          <Search aria-hidden />
          <span className={styles.grow}>Find or do</span>
          <Keycap chord="mod+k" decorative />
        </button>
        <nav aria-label="Project" className={styles.nav}>
          {groups.map(group => {
            const links = facts.links.filter(link => link.group === group)
            return links.length > 0 ? (
              <div key={group}>
                <h2 className={styles.group}>{group}</h2>
                <ul className={styles.links}>
                  {links.map(link => {
                    const Icon = icons[link.page]
                    return (
                      <li key={link.href}>
                        <Link
                          href={link.href}
                          className={styles.link}
                          aria-current={link.href === current ? 'page' : undefined}
                        >
                          <Icon aria-hidden />
                          <span className={styles.grow}>{link.label}</span>
                          {link.page === 'monitors' && facts.firing > 0 ? (
                            <span className={styles.firing}>{facts.firing} firing</span>
                          ) : null}
                        </Link>
                      </li>
                    )
                  })}
                </ul>
              </div>
            ) : null
          })}
        </nav>
        <div className={styles.foot}>
          <button
            type="button"
            className={styles.link}
            aria-expanded={helpOpen}
            onClick={() => setHelpOpen(!helpOpen)}
          >
            <Keyboard aria-hidden />
            <span className={styles.grow}>Keys</span>
            <Keycap chord="?" decorative />
          </button>
          <AccountMenu facts={facts} named side="top" />
        </div>
      </div>
    </header>
  )
}
