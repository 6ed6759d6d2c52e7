import Link from 'next/link'
import { Avatar } from '@/components/ui/avatar'
import { ButtonLink } from '@/components/ui/button'
import { EmptyState } from '@/components/ui/empty-state'
import { Logo } from '@/components/ui/logo'
import styles from './first-page.module.css'

export interface ProjectListProps {
  name: string
  projects: { slug: string; name: string; role: string; demo: boolean }[]
  /** The first person, who has not given a name and an e-mail yet. */
  unnamed: boolean
}

export function ProjectList({ name, projects, unnamed }: ProjectListProps) {
  return (
    <div className={styles.page}>
      <header className={styles.top}>
        <Link href="/" className={styles.home} aria-label="Amend, first page">
          <Logo />
        </Link>
        <Link href="/account" className={styles.person}>
          <Avatar name={name} /> {name}
        </Link>
      </header>
      <main id="content" tabIndex={-1} className={styles.narrow}>
        <h1 className={styles.title}>Projects</h1>
        {unnamed ? (
          <p className={styles.aside}>
            You came in by a link. <Link href="/account">Give a name, an e-mail and a password</Link> to sign
            in without one.
          </p>
        ) : null}
        {projects.length === 0 ? (
          <EmptyState
            title="You are in no project yet."
            action={
              <ButtonLink href="/new" kind="primary">
                New project
              </ButtonLink>
            }
          >
            Make one with your own data, or open the invitation link of an owner in this browser.
          </EmptyState>
        ) : (
          <ul className={styles.projects}>
            {projects.map(project => (
              <li key={project.slug}>
                <Link href={`/p/${project.slug}`} className={styles.project}>
                  <span className={styles.projectName}>{project.name}</span>
                  <span className={styles.role}>
                    {project.role}
                    {project.demo ? ', sample project' : ''}
                  </span>
                </Link>
              </li>
            ))}
          </ul>
        )}
        {projects.length > 0 ? (
          <p>
            <ButtonLink href="/new">New project</ButtonLink>
          </p>
        ) : null}
      </main>
    </div>
  )
}
