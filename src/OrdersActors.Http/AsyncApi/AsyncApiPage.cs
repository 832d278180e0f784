using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace OrdersActors.Http.AsyncApi;

/// <summary>
/// The description of <c>/ws</c> as a page for people: one heading for each message, with its fields and examples, and
/// tables of the errors, close codes and limits.
/// </summary>
internal sealed class AsyncApiPage
{
    private static readonly string Style = ReadStyle();

    /// <summary>Allows the page's own style and nothing else.</summary>
    public static readonly string ContentSecurityPolicy =
        $"default-src 'none'; style-src 'sha256-{HashOf(Style)}'; base-uri 'none'; form-action 'none'; "
        + "frame-ancestors 'none'";

    private readonly HtmlText _html = new();
    private readonly JsonElement _document;
    private readonly JsonElement _channel;
    private readonly string[] _requests;
    private readonly string[] _replies;

    private AsyncApiPage(JsonElement document)
    {
        _document = document;
        _channel = document.GetProperty("channels").EnumerateObject().Single().Value;
        _requests = [.. Operations("receive").SelectMany(MessagesOf).Distinct()];
        _replies = [.. _channel.GetProperty("messages").EnumerateObject().Select(m => m.Name).Except(_requests)];
    }

    /// <summary>Makes the page.</summary>
    /// <param name="json">The AsyncAPI document, which has one channel.</param>
    public static byte[] Render(byte[] json)
    {
        using var document = JsonDocument.Parse(json);
        return new AsyncApiPage(document.RootElement).Render();
    }

    private byte[] Render()
    {
        var info = _document.GetProperty("info");
        var address = _channel.GetProperty("address").GetString();
        var title = $"{info.GetProperty("title")} {info.GetProperty("version")}: the protocol of {address}";
        _html.Tag("<!DOCTYPE html>").Tag("<html lang=\"en\">").Tag("<head>").Tag("<meta charset=\"utf-8\">")
            .Tag("<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">")
            .Tag("<meta name=\"color-scheme\" content=\"light dark\">")
            .Element("title", title).Tag($"<style>{Style}</style>").Tag("</head>").Tag("<body>")
            .Tag("<header>").Element("h1", title).Element("p", SchemaField.Text(info, "description"))
            .Tag($"<p><a href=\"{AsyncApiHosting.DocumentPath}\">The document for tools (AsyncAPI)</a></p>")
            .Tag("</header>");
        WriteContents();
        _html.Tag("<main>");
        WriteConnecting();
        WriteMessages("Messages that you send", "sent", _requests);
        WriteMessages("Messages that you get", "received", _replies);
        WriteTables();
        return _html.Tag("</main>").Tag("</body>").Tag("</html>").ToUtf8();
    }

    private void WriteContents()
    {
        _html.Tag("<nav aria-label=\"Contents\">").Tag("<ul>").Tag("<li><a href=\"#connecting\">Connecting</a></li>");
        WriteLinks("sent", "Messages that you send", _requests);
        WriteLinks("received", "Messages that you get", _replies);
        _html.Tag("<li><a href=\"#errors\">Errors</a></li>").Tag("<li><a href=\"#closing\">Closing</a></li>")
            .Tag("<li><a href=\"#limits\">Limits</a></li>").Tag("</ul>").Tag("</nav>");
    }

    private void WriteLinks(string id, string title, string[] messages)
    {
        _html.Tag($"<li><a href=\"#{id}\">{title}</a>").Tag("<ul>");
        foreach (var name in messages)
        {
            _html.Tag($"<li>{LinkTo(name)}</li>");
        }

        _html.Tag("</ul>").Tag("</li>");
    }

    private void WriteConnecting()
    {
        _html.Tag("<section id=\"connecting\">").Element("h2", "Connecting")
            .Element("p", SchemaField.Text(_channel, "description"))
            .Table(
                "How a connect authenticates", ["Scheme", "Where and how"],
                _document.GetProperty("components").GetProperty("securitySchemes").EnumerateObject()
                    .Select(scheme => new[] { scheme.Name, SchemaField.Text(scheme.Value, "description")! }))
            .Tag("</section>");
    }

    private void WriteMessages(string title, string id, string[] messages)
    {
        _html.Tag($"<section id=\"{id}\">").Element("h2", title);
        foreach (var name in messages)
        {
            WriteMessage(name);
        }

        _html.Tag("</section>");
    }

    private void WriteMessage(string name)
    {
        var message = SchemaField.Resolve(_document, _channel.GetProperty("messages").GetProperty(name));
        _html.Tag($"<section id=\"message-{HtmlText.Encode(name)}\">").Element("h3", name)
            .Element("p", SchemaField.Text(message, "summary")).Element("p", SchemaField.Text(message, "description"));
        var replies = Operations("receive").Where(operation => MessagesOf(operation).Contains(name))
            .SelectMany(operation => MessagesOf(operation.GetProperty("reply"))).ToArray();
        if (replies.Length > 0)
        {
            _html.Tag($"<p>Answered by {string.Join(" or ", replies.Select(LinkTo))}.</p>");
        }

        _html.Table(
            $"Fields of {name}", ["Field", "Given", "Type", "Meaning"],
            SchemaField.Of(_document, message.GetProperty("payload")).Select(field =>
                new[] { field.Path, field.IsRequired ? "always" : "optional", field.Type, field.Meaning }));
        foreach (var example in message.GetProperty("examples").EnumerateArray())
        {
            var caption = SchemaField.Text(example, "summary")!;
            _html.Tag("<figure>").Element("figcaption", caption)
                .Tag($"<pre tabindex=\"0\" aria-label=\"Example: {HtmlText.Encode(caption)}\"><code>"
                    + $"{HtmlText.Encode(Compact(example.GetProperty("payload")))}</code></pre>")
                .Tag("</figure>");
        }

        _html.Tag("</section>");
    }

    private void WriteTables()
    {
        static string Reconnects(JsonElement close) => close.GetProperty("reconnect").GetBoolean() ? "yes" : "no";
        _html.Tag("<section id=\"errors\">").Element("h2", "Errors").Table(
                "Error codes", ["Code", "The message begins", "When", "Reaction"],
                Rows("x-error-codes", error => Cells(error, "code", "words", "description", "reaction")))
            .Table(
                "Reactions", ["Reaction", "Meaning"],
                _channel.GetProperty("x-error-reactions").EnumerateObject()
                    .Select(reaction => new[] { reaction.Name, reaction.Value.ToString() }))
            .Tag("</section>")
            .Tag("<section id=\"closing\">").Element("h2", "Closing").Table(
                "Close codes", ["Status", "Connect again", "When"],
                Rows("x-close-codes", close => [close.GetProperty("status").ToString(), Reconnects(close),
                    close.GetProperty("description").ToString()]))
            .Tag("</section>")
            .Tag("<section id=\"limits\">").Element("h2", "Limits")
            .Element("p", "These are the defaults of the server's settings.")
            .Table(
                "Limits", ["Limit", "Value"],
                _channel.GetProperty("x-limits").EnumerateObject()
                    .Select(limit => new[] { limit.Name, limit.Value.ToString() }))
            .Tag("</section>");
    }

    private IEnumerable<string[]> Rows(string extension, Func<JsonElement, string[]> row) =>
        _channel.GetProperty(extension).EnumerateArray().Select(row);

    private static string[] Cells(JsonElement value, params string[] names) =>
        [.. names.Select(name => value.GetProperty(name).ToString())];

    private IEnumerable<JsonElement> Operations(string action) =>
        _document.GetProperty("operations").EnumerateObject().Select(operation => operation.Value)
            .Where(operation => operation.GetProperty("action").ValueEquals(action));

    private static IEnumerable<string> MessagesOf(JsonElement operation) =>
        operation.GetProperty("messages").EnumerateArray()
            .Select(message => message.GetProperty("$ref").GetString()!.Split('/')[^1]);

    private static string LinkTo(string message) =>
        $"<a href=\"#message-{HtmlText.Encode(message)}\"><code>{HtmlText.Encode(message)}</code></a>";

    /// <summary>The JSON as it is sent: on one line.</summary>
    private static string Compact(JsonElement json) => JsonSerializer.Serialize(json, Relaxed);

    private static readonly JsonSerializerOptions Relaxed =
        new() { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private static string HashOf(string text) => Convert.ToBase64String(SHA256.HashData(Encoding.UTF8.GetBytes(text)));

    private static string ReadStyle()
    {
        using var stream = typeof(AsyncApiPage).Assembly.GetManifestResourceStream("asyncapi.css")!;
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd().ReplaceLineEndings("\n");
    }
}
