declare module 'koze:workflow' {
  export type WorkflowName = 'migration' | 'old-job';
}
