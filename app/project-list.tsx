import Link from 'next/link'
import { Avatar } from '@/components/ui/avatar'
import { ButtonLink } from '@/components/ui/button'
import { EmptyState } from '@/components/ui/empty-state'
import { Logo } from '@/components/ui/logo'
import { pagePermissions } from '@/domain/page-permission'
import { type Role, roleMay } from '@/domain/permission'
import styles from './first-page.module.css'
import { Legend } from './legend'
import { sampleSlug, TryCards, waysToTry } from './try-cards'

export interface ProjectListProps {
  name: string
  projects: { slug: string; name: string; role: Role; demo: boolean }[]
  /** The first person, who has not given a name and an e-mail yet. */
  unnamed: boolean
}

/** The projects of a person. Whoever has nothing but samples yet is shown first what there is to try in them. */
export function ProjectList({ name, projects, unnamed }: ProjectListProps) {
  const sample = projects.every(project => project.demo)
    ? projects.find(project => project.slug === sampleSlug)
    : undefined
  const ways = sample ? waysToTry.filter(({ page }) => roleMay(sample.role, pagePermissions[page])) : []
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
      {ways.length > 0 ? (
        <main id="content" tabIndex={-1} className={styles.main}>
          <h1 className={styles.display}>What would you like to try?</h1>
          <p className={styles.lead}>
            A model suggests, a person decides, and every decision can be taken back. Everything here is
            sample data.
          </p>
          <TryCards
            ways={ways}
            enter={({ way, page, label }) => (
              <div className={styles.enter}>
                <ButtonLink
                  href={`/p/${sample?.slug}/${page}`}
                  kind={way === 'use' ? 'primary' : 'secondary'}
                  size="large"
                >
                  {label}
                </ButtonLink>
              </div>
            )}
          />
          <section className={styles.below} aria-labelledby="projects">
            <h2 id="projects">Projects</h2>
            <Projects projects={projects} unnamed={unnamed} />
          </section>
        </main>
      ) : (
        <main id="content" tabIndex={-1} className={styles.narrow}>
          <h1 className={styles.title}>Projects</h1>
          <Projects projects={projects} unnamed={unnamed} />
        </main>
      )}
      {ways.length > 0 ? <Legend /> : null}
    </div>
  )
}

function Projects({ projects, unnamed }: Pick<ProjectListProps, 'projects' | 'unnamed'>) {
  return (
    <>
      {unnamed ? (
        <p className={styles.aside}>
          You came in by a link. <Link href="/account">Give a name, an e-mail and a password</Link> to sign in
          without one.
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
    </>
  )
}
