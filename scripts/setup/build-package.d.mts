/** Makes dist/ anew where its sources have changed; returns whether it did. */
export function buildPackage(root: string, env: NodeJS.ProcessEnv): boolean;
/** Whether dist/ was made from src/ as it is. */
export function isPackageBuilt(root: string): boolean;
