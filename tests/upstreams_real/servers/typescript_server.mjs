// A server made with the TypeScript SDK, over stdio.
import { McpServer, ResourceTemplate } from "@modelcontextprotocol/sdk/server/mcp.js";
import { StdioServerTransport } from "@modelcontextprotocol/sdk/server/stdio.js";
import { completable } from "@modelcontextprotocol/sdk/server/completable.js";
import { z } from "zod";

const server = new McpServer(
  { name: "library", title: "Library", version: "4.5.6" },
  { instructions: "Knows books.", capabilities: { logging: {} } },
);
const BOOKS = ["Middlemarch", "Moby-Dick", "Mrs Dalloway"];

server.registerTool(
  "find_book",
  {
    title: "Find a book",
    description: "Finds a book by a part of its title.",
    inputSchema: { part: z.string().min(1), most: z.number().int().max(10).default(3) },
    outputSchema: { found: z.array(z.string()), more: z.boolean() },
    annotations: { readOnlyHint: true, openWorldHint: false },
  },
  async ({ part, most }) => {
    const found = BOOKS.filter((title) => title.toLowerCase().includes(part.toLowerCase())).slice(0, most);
    const structuredContent = { found, more: false };
    return { content: [{ type: "text", text: JSON.stringify(structuredContent) }], structuredContent };
  },
);

server.registerTool(
  "lend",
  { description: "Lends a book, which is not possible.", inputSchema: { title: z.string() } },
  async ({ title }) => ({ isError: true, content: [{ type: "text", text: `${title} is out` }], _meta: { shelf: 4 } }),
);

server.registerTool("burn", { description: "Throws." }, async () => {
  throw new Error("never");
});

server.registerTool("cover", { description: "A cover and where it is kept." }, async () => ({
  content: [
    { type: "image", data: "iVBORw0KGgo=", mimeType: "image/png", annotations: { audience: ["user"], priority: 0.4 } },
    { type: "resource_link", uri: "library://catalogue", name: "catalogue", mimeType: "application/json" },
  ],
}));

server.registerTool("ask_reader", { description: "Asks the reader for a name." }, async () => {
  const answer = await server.server.elicitInput({
    message: "Who are you?",
    requestedSchema: { type: "object", properties: { name: { type: "string" } }, required: ["name"] },
  });
  return { content: [{ type: "text", text: `${answer.action}: ${answer.content?.name}` }] };
});

server.registerTool("ask_model", { description: "Asks the client's model." }, async () => {
  const answer = await server.server.createMessage({
    messages: [{ role: "user", content: { type: "text", text: "A word?" } }],
    maxTokens: 10,
  });
  return { content: [{ type: "text", text: `${answer.model}: ${answer.content.text}` }] };
});

server.registerResource("catalogue", "library://catalogue", { mimeType: "application/json" }, async (uri) => ({
  contents: [{ uri: uri.href, mimeType: "application/json", text: JSON.stringify(BOOKS) }],
}));

server.registerResource(
  "book",
  new ResourceTemplate("library://books/{title}", {
    list: undefined,
    complete: { title: (value) => BOOKS.filter((title) => title.startsWith(value)) },
  }),
  { description: "One book." },
  async (uri, { title }) => ({ contents: [{ uri: uri.href, blob: btoa(title) }] }),
);

server.registerPrompt(
  "review",
  {
    title: "Review",
    description: "Asks for a review.",
    argsSchema: { title: completable(z.string(), (value) => BOOKS.filter((title) => title.startsWith(value))) },
  },
  ({ title }) => ({ messages: [{ role: "user", content: { type: "text", text: `Review ${title}.` } }] }),
);

await server.connect(new StdioServerTransport());
