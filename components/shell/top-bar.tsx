'use client'
import { History, Search } from 'lucide-react'
import Link from 'next/link'
import { usePathname } from 'next/navigation'
import { IconButton } from '../ui/icon-button'
import { Logo } from '../ui/logo'
import { AccountMenu } from './account-menu'
import { useFindOrDo } from './find-or-do'
import type { ShellFacts } from './shell-facts'
import { SuggestionsToggle } from './suggestions'
import styles from './top-bar.module.css'

/** The bar of the pages that people use: the work left, themselves right. */
export function TopBar({ facts }: { facts: ShellFacts }) {
  const here = usePathname()
  const openPalette = useFindOrDo()
  const use = facts.links.filter(link => link.group === 'Use')
  const history = use.find(link => link.page === 'my-history')
  const work = use.filter(link => link !== history)
  const others = (['Review', 'Study'] as const).flatMap(
    group => facts.links.find(link => link.group === group) ?? [],
  )
  return (
    <header className={styles.bar}>
      <Link
        href={`/p/${facts.project.slug}`}
        className={styles.home}
        aria-label={`Amend, ${facts.project.name}`}
      >
        <Logo />
      </Link>
      <nav className={styles.nav} aria-label="Use">
        {work.map(link => (
          <Link
            key={link.href}
            href={link.href}
            className={styles.link}
            aria-current={here.startsWith(link.href) ? 'page' : undefined}
          >
            {link.label}
          </Link>
        ))}
      </nav>
      {others.length > 0 ? (
        <nav className={styles.others} aria-label="Other sides of this project">
          {others.map(link => (
            <Link key={link.href} href={link.href} className={styles.link}>
              {link.group}
            </Link>
          ))}
        </nav>
      ) : null}
      <div className={styles.right}>
        <IconButton
          label="Find or do"
          keyHint="mod+k"
          icon={<Search />}
          aria-haspopup="dialog"
          onClick={openPalette}
        />
        {history ? (
          <Link
            href={history.href}
            className={styles.quiet}
            aria-label="My history"
            aria-current={here.startsWith(history.href) ? 'page' : undefined}
          >
            <History aria-hidden />
            <span className={styles.wideOnly}>My history</span>
          </Link>
        ) : null}
        {work.length > 0 ? <SuggestionsToggle /> : null}
        <AccountMenu facts={facts} groups={['Review', 'Study', 'Project']} />
      </div>
    </header>
  )
}
