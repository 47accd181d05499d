/** What the framework derives from a workflow's file name, and the file that a new workflow starts with. */

/** Says why a name can't be a workflow's, or undefined when it can. */
export function nameProblem(name: string): string | undefined {
  if (name === '') {
    return 'A workflow needs a name, for example data-sync.';
  }
  if (!/^[A-Za-z][A-Za-z0-9_-]*$/.test(name)) {
    return 'Use letters, digits, - and _, starting with a letter: anything else gives no binding that code can name.';
  }
  return undefined;
}

/** `data-sync` → `DATA_SYNC_WORKFLOW`, as the framework derives it. */
export function bindingOf(name: string): string {
  return `${name.toUpperCase().replaceAll('-', '_')}_WORKFLOW`;
}

/** `data-sync` → `DataSyncWorkflow`. */
export function classOf(name: string): string {
  const words = name.split(/[-_]+/).filter((word) => word !== '');
  return `${words.map((word) => word[0].toUpperCase() + word.slice(1)).join('')}Workflow`;
}

/** The text of a new `src/server/NAME.workflow.ts`. */
export function skeleton(name: string): string {
  return `import { WorkflowEntrypoint, type WorkflowEvent, type WorkflowStep } from 'cloudflare:workers';

export class ${classOf(name)} extends WorkflowEntrypoint {
  async run(event: WorkflowEvent<unknown>, step: WorkflowStep) {
    const result = await step.do('first-step', async () => {
      return { received: event.payload };
    });

    return result;
  }
}
`;
}
