'use client'
import Link from 'next/link'
import { ImportPanel } from '@/components/import/import-panel'
import { ButtonLink } from '@/components/ui/button'
import { EmptyState } from '@/components/ui/empty-state'
import type { ImportDetail } from '@/contract/v1/imports'
import type { Role } from '@/domain/permission'
import { InviteForm } from '../p/[project]/(project)/members/invite-form'
import { AppStart } from './app-start'
import { ModelStart } from './model-start'
import styles from './new.module.css'
import { type Start, starts } from './starts'

export interface StartTask {
  usePage: string
  fromTables: boolean
  fromPictures: boolean
  /** A payload to show how one looks, where there is a short one. */
  example: unknown
}

interface Props {
  project: { slug: string; name: string }
  task: StartTask
  start: Start
  initialImport: ImportDetail | null
  meanings: { role: Role; means: string }[]
}

/** The project is there: what it begins with, then who comes along. */
export function StartProject({ project, task, start, initialImport, meanings }: Props) {
  const usePage = `/p/${project.slug}/${task.usePage}`
  return (
    <>
      <div className={styles.head}>
        <h1 dir="auto">{project.name}</h1>
        <p>
          The project is yours. <Link href={usePage}>Open it</Link>, or begin here.
        </p>
      </div>
      <nav className={styles.starts} aria-label="Ways to begin">
        {(Object.keys(starts) as Start[]).map(one => (
          <Link
            key={one}
            href={`/new?project=${project.slug}&start=${one}`}
            aria-current={one === start ? 'page' : undefined}
          >
            {starts[one].label}
          </Link>
        ))}
      </nav>
      <section className={styles.section} aria-label={starts[start].label}>
        {start === 'app' ? (
          <AppStart project={project.slug} task={task} />
        ) : start === 'model' ? (
          <ModelStart project={project.slug} task={task} usePage={usePage} />
        ) : task.fromTables || task.fromPictures ? (
          <>
            <ImportPanel
              project={project.slug}
              initial={initialImport}
              usePage={usePage}
              takes={task.fromTables ? 'table' : 'pictures'}
            />
            {task.fromPictures ? (
              <p className={styles.lead}>
                A few pictures? <Link href={usePage}>Drop them in the {task.usePage}</Link>.
              </p>
            ) : null}
          </>
        ) : (
          <EmptyState
            title={`Drop them in the ${task.usePage}.`}
            action={
              <ButtonLink kind="primary" href={usePage}>
                Open the {task.usePage}
              </ButtonLink>
            }
          >
            The suggestions come at once.
          </EmptyState>
        )}
      </section>
      <section className={styles.section} aria-labelledby="invite">
        <h2 id="invite">Invite someone</h2>
        <p className={styles.lead}>
          Make a link and hand it over yourself. It works once. No mail is sent from here.
        </p>
        <InviteForm project={project.slug} meanings={meanings} aside />
      </section>
    </>
  )
}
