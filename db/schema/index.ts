export * from './feedback'
export * from './items'
export * from './models'
export * from './people'
