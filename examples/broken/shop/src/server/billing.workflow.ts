export class BillingWorkflow {
  async run(event, step) {
    return await step.do('copy', async () => 1);
  }
}
