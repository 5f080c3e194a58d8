import { agentForExam, examine } from './examine.ts';

// Prints the answers of the agent that is named to the made-up exam, one a line.
for (const item of examine(agentForExam(process.argv[2] ?? ''))) {
  process.stdout.write(`${JSON.stringify(item)}\n`);
}
