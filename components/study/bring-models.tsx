'use client'
import { Download, Plug, ServerCog } from 'lucide-react'
import { useState } from 'react'
import type { Settings } from '@/contract/v1/settings'
import { Button } from '../ui/button'
import { EndpointForm } from './endpoint-form'
import styles from './gates.module.css'
import { MlflowConnection } from './mlflow-connection'
import { MlflowImport } from './mlflow-import'

interface Props {
  slug: string
  /** Models asked over HTTP that exist. */
  models: { id: string; name: string }[]
  /** An input to try an endpoint on, as JSON. */
  example: string
  mlflow: Settings['mlflow']
  mayConnect: boolean
}

/** The ways in which a model from elsewhere comes into the registry, one open at a time. */
export function BringModels({ slug, models, example, mlflow, mayConnect }: Props) {
  const [open, setOpen] = useState<'endpoint' | 'import' | 'connection' | null>(null)
  const done = () => setOpen(null)
  return (
    <div className={styles.gates}>
      {open === null ? (
        <div className={styles.actions}>
          <Button size="small" icon={<Plug />} onClick={() => setOpen('endpoint')}>
            Connect a model over HTTP
          </Button>
          {mlflow ? (
            <Button size="small" icon={<Download />} onClick={() => setOpen('import')}>
              Import from MLflow
            </Button>
          ) : null}
          {mayConnect ? (
            <Button size="small" icon={<ServerCog />} onClick={() => setOpen('connection')}>
              {mlflow ? 'MLflow server' : 'Connect an MLflow server'}
            </Button>
          ) : null}
        </div>
      ) : null}
      {open === 'endpoint' ? (
        <EndpointForm slug={slug} models={models} example={example} onDone={done} />
      ) : null}
      {open === 'import' && mlflow ? <MlflowImport slug={slug} server={mlflow.url} onDone={done} /> : null}
      {open === 'connection' ? <MlflowConnection slug={slug} mlflow={mlflow} onDone={done} /> : null}
    </div>
  )
}
