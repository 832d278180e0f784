using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using OrdersActors.FrontEnd.Protocol;
using OrdersActors.Http.AsyncApi;

namespace OrdersActors.Tests.Http.AsyncApi;

public sealed class AsyncApiPageTests
{
    private static readonly byte[] Document = ProtocolDescription.Read();
    private static readonly string Page = Encoding.UTF8.GetString(AsyncApiPage.Render(Document));

    [Fact]
    public void Page_has_every_message_with_its_fields_and_examples()
    {
        using var json = JsonDocument.Parse(Document);
        var messages = json.RootElement.GetProperty("components").GetProperty("messages");
        Assert.All(messages.EnumerateObject(), message =>
        {
            Assert.Contains($"<section id=\"message-{message.Name}\">", Page, StringComparison.Ordinal);
            Assert.Contains($"<a href=\"#message-{message.Name}\">", Page, StringComparison.Ordinal);
            Assert.All(message.Value.GetProperty("examples").EnumerateArray(), example => Assert.Contains(
                HtmlText.Encode(example.GetProperty("summary").GetString()!), Page, StringComparison.Ordinal));
        });
        foreach (var field in (string[])["data.orders[].after", "data.authorization_signature", "data.retry_after_ms"])
        {
            Assert.Contains($"<code>{field}</code>", Page, StringComparison.Ordinal);
        }

        Assert.Contains("string or null, at most 128 characters", Page, StringComparison.Ordinal);
        Assert.Contains("Answered by <a href=\"#message-pong\">", Page, StringComparison.Ordinal);
    }

    [Fact]
    public void Page_has_every_error_and_close_code()
    {
        using var json = JsonDocument.Parse(Document);
        var channel = json.RootElement.GetProperty("channels").GetProperty("orders");
        Assert.All(channel.GetProperty("x-error-codes").EnumerateArray(), error => Assert.Contains(
            $"<code>{error.GetProperty("code")}</code>", Page, StringComparison.Ordinal));
        Assert.All(channel.GetProperty("x-close-codes").EnumerateArray(), close => Assert.Contains(
            $"<code>{close.GetProperty("status")}</code>", Page, StringComparison.Ordinal));
    }

    [Fact]
    public void Page_needs_no_script_and_no_other_host_and_its_style_is_allowed()
    {
        Assert.DoesNotContain("<script", Page, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain("src=", Page, StringComparison.Ordinal);
        Assert.DoesNotContain("//", Page, StringComparison.Ordinal);
        var style = Page[(Page.IndexOf("<style>", StringComparison.Ordinal) + 7)..Page.IndexOf(
            "</style>", StringComparison.Ordinal)];
        Assert.Contains(
            $"'sha256-{Convert.ToBase64String(SHA256.HashData(Encoding.UTF8.GetBytes(style)))}'",
            AsyncApiPage.ContentSecurityPolicy, StringComparison.Ordinal);
    }

    [Fact]
    public void Text_of_the_document_never_becomes_markup()
    {
        var json = Encoding.UTF8.GetString(Document).Replace(
            "\"Order-status events", "\"<b>bold</b> events", StringComparison.Ordinal);
        var page = Encoding.UTF8.GetString(AsyncApiPage.Render(Encoding.UTF8.GetBytes(json)));
        Assert.Contains("&lt;b&gt;bold&lt;/b&gt; events", page, StringComparison.Ordinal);
    }
}
