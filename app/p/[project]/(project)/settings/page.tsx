import type { Metadata } from 'next'
import { ButtonLink } from '@/components/ui/button'
import { PageHeader } from '@/components/ui/page-header'
import { StatusLane } from '@/components/ui/status-lane'
import { listKeys } from '@/db/queries/people'
import { pagePermissions } from '@/domain/page-permission'
import { readSdkFile } from '@/platform/sdk-file'
import { describeSettings } from '@/server/change-settings'
import { requireProjectPage } from '@/server/page-access'
import { loadTaskType, taskFacts } from '@/tasks/registry'
import styles from '../project.module.css'
import { BehaviourForm } from './behaviour-form'
import { ErasePerson } from './erase-person'
import { GuardrailForm } from './guardrail-form'
import { HostSection } from './host-section'
import { KeySection } from './key-section'
import { ServingForm } from './serving-form'
import { SettingsInForce } from './settings-in-force'

export const metadata: Metadata = { title: 'Settings' }

export default async function SettingsPage({ params }: { params: Promise<{ project: string }> }) {
  const { project } = await params
  const scope = await requireProjectPage(project, pagePermissions.settings, `/p/${project}/settings`)
  const settings = describeSettings(scope.project)
  const readsText = taskFacts(scope.project.taskType)?.readsText ?? false
  const mayChange = scope.can('settings.manage')
  const keys = scope.can('keys.manage') ? await listKeys(scope) : null
  const sdk = keys ? await readSdkFile().catch(() => null) : null
  const example = keys ? (await loadTaskType(scope.project.taskType)).table?.example : null
  return (
    <>
      <div className={styles.page}>
        <PageHeader
          title="Settings"
          meta={
            mayChange
              ? 'Each change counts at once, is told in History and can be undone there.'
              : 'Owners change these.'
          }
          actions={
            <>
              <ButtonLink href={`/p/${project}/settings/monitors`}>What is watched</ButtonLink>
              <ButtonLink href={`/p/${project}/settings/inspector`}>What arrives</ButtonLink>
            </>
          }
        />
        {mayChange ? (
          <>
            <section className={styles.section} aria-labelledby="behaviour">
              <h2 id="behaviour">Model behaviour</h2>
              <BehaviourForm
                key={`${settings.name}|${settings.mode}|${settings.timeZone}`}
                project={project}
                settings={settings}
              />
            </section>
            <section className={styles.section} aria-labelledby="guardrails">
              <h2 id="guardrails">Guardrails</h2>
              <p className={styles.lead}>
                Checked before anything is shown. What is held back leaves the person to write their own, at
                once.
              </p>
              <GuardrailForm
                key={JSON.stringify(settings.guardrails)}
                project={project}
                guardrails={settings.guardrails}
                limits={settings.limits}
                readsText={readsText}
              />
            </section>
            <section className={styles.section} aria-labelledby="serving">
              <h2 id="serving">Serving</h2>
              <ServingForm
                key={JSON.stringify(settings.serving)}
                project={project}
                serving={settings.serving}
                mostExplored={settings.mostExplored}
              />
            </section>
          </>
        ) : (
          <section className={styles.section} aria-labelledby="in-force">
            <h2 id="in-force">In force</h2>
            <SettingsInForce settings={settings} readsText={readsText} />
          </section>
        )}
        {keys ? (
          <section className={`${styles.section} ${styles.wide}`} aria-labelledby="keys">
            <h2 id="keys">API keys</h2>
            <p className={styles.lead}>
              A key opens this project alone. <strong>Read</strong> downloads, <strong>write</strong> also
              asks for suggestions and gives feedback, <strong>admin</strong> also changes models and
              settings.
            </p>
            <KeySection project={project} keys={keys} now={new Date().toISOString()} />
          </section>
        ) : null}
        {keys ? (
          <section className={styles.section} aria-labelledby="host">
            <h2 id="host">In pages of your own product</h2>
            <p className={styles.lead}>
              A publishable key asks for suggestions and gives feedback from pages of another site, for one
              person at a time. Your server signs who that is; here they have a pseudonym.
            </p>
            <HostSection project={project} example={example ?? null} integrity={sdk?.integrity ?? null} />
          </section>
        ) : null}
        {scope.can('people.erase') ? (
          <section className={styles.section} aria-labelledby="data">
            <h2 id="data">People’s data</h2>
            <p className={styles.lead}>
              Everyone downloads and erases their own under My history. When someone asks you to, erase it
              here by their pseudonym. Texts and their salts go for good; counts stay right.
            </p>
            <ErasePerson project={project} />
          </section>
        ) : null}
      </div>
      <StatusLane state={mayChange ? null : 'Read only'} />
    </>
  )
}
