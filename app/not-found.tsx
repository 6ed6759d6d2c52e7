import type { Metadata } from 'next'
import Link from 'next/link'
import { ButtonLink } from '@/components/ui/button'
import { EmptyState } from '@/components/ui/empty-state'
import { Logo } from '@/components/ui/logo'
import styles from './plain-page.module.css'

export const metadata: Metadata = { title: 'Not found' }

export default function NotFound() {
  return (
    <div className={styles.page}>
      <header>
        <Link href="/" className={styles.home} aria-label="Amend, first page">
          <Logo />
        </Link>
      </header>
      <main id="content" tabIndex={-1}>
        <h1 className="visually-hidden">Not found</h1>
        <EmptyState
          title="There is no such page, or it is not yours to see."
          action={<ButtonLink href="/">To your projects</ButtonLink>}
        >
          Check the address. If someone sent it to you, ask which project and role it takes.
        </EmptyState>
      </main>
    </div>
  )
}
