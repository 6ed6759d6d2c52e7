'use client'
import { Command } from 'cmdk'
import {
  ChevronRight,
  CornerDownLeft,
  FolderOpen,
  GitCompareArrows,
  Layers,
  ListChecks,
  LogOut,
  MessageSquareText,
  Plus,
  SunMoon,
  UserRound,
} from 'lucide-react'
import { useRouter } from 'next/navigation'
import { type ReactNode, useEffect, useState } from 'react'
import type { FoundThings } from '@/contract/v1/find'
import { ApiError, createClient } from '@/sdk/client'
import { Keycap } from '../ui/keycap'
import { useToast } from '../ui/toast'
import { type KeyBinding, useOpenScopes } from '../ui/use-keys'
import { leave } from './auth-requests'
import styles from './palette.module.css'
import type { ShellFacts } from './shell-facts'
import { applyTheme, type Theme } from './theme'

const client = createClient()
const askAfterMs = 120
const themes: { theme: Theme; label: string }[] = [
  { theme: 'system', label: 'Theme as the system' },
  { theme: 'light', label: 'Light theme' },
  { theme: 'dark', label: 'Dark theme' },
]
const kinds = {
  dataset: { label: 'Dataset', icon: <Layers /> },
  queue: { label: 'Queue', icon: <ListChecks /> },
  model: { label: 'Model', icon: <GitCompareArrows /> },
} satisfies Record<FoundThings['found'][number]['kind'], { label: string; icon: ReactNode }>

/** Pages, things by name, and whatever has a key on the page behind it. */
export function Palette({ facts, onClose }: { facts: ShellFacts; onClose: () => void }) {
  const { project, projects, links, person } = facts
  const router = useRouter()
  const toast = useToast()
  const [words, setWords] = useState('')
  const { found, problem } = useFound(project.slug, words)
  const actions = useActions()

  const close = (then: () => void) => {
    onClose()
    then()
  }
  const go = (href: string) => close(() => router.push(href))
  const searchable = links.some(link => link.page === 'feedback')
  return (
    <Command.Dialog
      open
      onOpenChange={open => !open && onClose()}
      label="Find or do"
      loop
      overlayClassName={styles.overlay}
      contentClassName={styles.dialog}
      className={styles.command}
    >
      <Command.Input
        value={words}
        onValueChange={setWords}
        className={styles.input}
        placeholder="Find a page or a thing, or do something here"
        aria-label="Find or do"
      />
      <Command.List className={styles.list} label="What was found">
        <Command.Empty className={styles.empty}>
          Nothing here has such a name. {problem ?? 'Try fewer letters.'}
        </Command.Empty>
        {actions.length > 0 ? (
          <Command.Group heading="On this page" className={styles.group}>
            {actions.map(binding => (
              <Entry
                key={`${[binding.chord].flat()[0]} ${binding.label}`}
                value={`do ${binding.label}`}
                icon={<CornerDownLeft />}
                end={<Keycap chord={[binding.chord].flat()[0] ?? ''} decorative />}
                // The page has its focus back before its key is pressed for it.
                onSelect={() =>
                  close(() =>
                    setTimeout(() => binding.run(new KeyboardEvent('keydown', { cancelable: true }))),
                  )
                }
              >
                {capitalised(binding.label)}
              </Entry>
            ))}
          </Command.Group>
        ) : null}
        <Command.Group heading="Go to" className={styles.group}>
          {links.map(link => (
            <Entry
              key={link.href}
              value={`page ${link.label}`}
              keywords={[link.group]}
              icon={<ChevronRight />}
              end={link.group}
              onSelect={() => go(link.href)}
            >
              {link.label}
            </Entry>
          ))}
        </Command.Group>
        {found.length > 0 ? (
          <Command.Group heading="Found" className={styles.group} forceMount>
            {found.map(thing => (
              <Entry
                key={thing.id}
                value={`found ${thing.id}`}
                icon={kinds[thing.kind].icon}
                end={kinds[thing.kind].label}
                forceMount
                onSelect={() => go(thing.href)}
              >
                {thing.name}
              </Entry>
            ))}
          </Command.Group>
        ) : null}
        {projects.length > 1 ? (
          <Command.Group heading="Projects" className={styles.group}>
            {projects
              .filter(other => other.slug !== project.slug)
              .map(other => (
                <Entry
                  key={other.slug}
                  value={`project ${other.name} ${other.slug}`}
                  icon={<FolderOpen />}
                  onSelect={() => go(`/p/${other.slug}`)}
                >
                  {other.name}
                </Entry>
              ))}
          </Command.Group>
        ) : null}
        <Command.Group heading="Account" className={styles.group}>
          <Entry value="New project" icon={<Plus />} onSelect={() => go('/new')}>
            New project
          </Entry>
          <Entry value="Account, password, sessions" icon={<UserRound />} onSelect={() => go('/account')}>
            {person.unnamed ? 'Make this account yours' : 'Account'}
          </Entry>
          {themes.map(({ theme, label }) => (
            <Entry
              key={theme}
              value={label}
              icon={<SunMoon />}
              onSelect={() => close(() => applyTheme(theme))}
            >
              {label}
            </Entry>
          ))}
          <Entry
            value="Sign out"
            icon={<LogOut />}
            onSelect={() =>
              close(() => {
                leave().catch(() =>
                  toast.show({ text: 'The server can’t be reached, so you are still signed in. Try again.' }),
                )
              })
            }
          >
            Sign out
          </Entry>
        </Command.Group>
        {searchable && words.trim() ? (
          // Last: whatever has such a name comes before a search for the words.
          <Command.Group heading="Search" className={styles.group} forceMount>
            <Entry
              value="found in feedback"
              icon={<MessageSquareText />}
              forceMount
              onSelect={() =>
                go(`/p/${project.slug}/feedback?${new URLSearchParams({ text: words.trim() })}`)
              }
            >
              Feedback with “{words.trim()}”
            </Entry>
          </Command.Group>
        ) : null}
      </Command.List>
    </Command.Dialog>
  )
}

interface EntryProps {
  value: string
  icon: ReactNode
  children: ReactNode
  keywords?: string[]
  end?: ReactNode
  forceMount?: boolean
  onSelect: () => void
}

function Entry({ icon, children, end, ...rest }: EntryProps) {
  return (
    <Command.Item className={styles.entry} {...rest}>
      <span className={styles.icon} aria-hidden>
        {icon}
      </span>
      <span className={styles.words}>{children}</span>
      {end ? <span className={styles.end}>{end}</span> : null}
    </Command.Item>
  )
}

const capitalised = (text: string) => text.charAt(0).toUpperCase() + text.slice(1)

/** What has a key on the page and can be done now; the palette's own opening is no such thing. */
function useActions(): KeyBinding[] {
  const scopes = useOpenScopes()
  // As it stood when the palette opened: under it nothing changes.
  const [actions] = useState(() => {
    const known = new Set<string>(['find or do', ''])
    return scopes
      .toReversed()
      .flatMap(scope => scope.bindings)
      .filter(binding => {
        const twice = known.has(binding.label)
        known.add(binding.label)
        const leaves = [binding.chord].flat().every(chord => chord === 'escape')
        return !twice && !leaves && binding.enabled !== false
      })
  })
  return actions
}

/** Things by name, asked of the server when the typing pauses. */
function useFound(slug: string, words: string) {
  const [answer, setAnswer] = useState<{ found: FoundThings['found']; problem: string | null }>({
    found: [],
    problem: null,
  })
  const wanted = words.trim()
  useEffect(() => {
    if (!wanted) {
      setAnswer({ found: [], problem: null })
      return
    }
    const leaving = new AbortController()
    const timer = setTimeout(() => {
      client
        .request<FoundThings>(
          'GET',
          `/projects/${slug}/find?${new URLSearchParams({ q: wanted })}`,
          undefined,
          {
            signal: leaving.signal,
          },
        )
        .then(
          ({ found }) => setAnswer({ found, problem: null }),
          error => {
            if (leaving.signal.aborted) return
            setAnswer({
              found: [],
              problem:
                error instanceof ApiError && error.code === 'unreachable'
                  ? 'Datasets, queues and models can’t be looked up: the server can’t be reached.'
                  : 'Datasets, queues and models could not be looked up. Type again to retry.',
            })
          },
        )
    }, askAfterMs)
    return () => {
      clearTimeout(timer)
      leaving.abort()
    }
  }, [slug, wanted])
  return answer
}
