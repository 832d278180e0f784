using System.Text;
using System.Text.Json;
using OrdersActors.TestServer.Contract;

namespace OrdersActors.Tests.TestServer;

/// <summary>The rule by which the tests' clients judge messages.</summary>
public sealed class ContractWatchTests
{
    private const string Wrong = """{"type":"subscribe","data":{"order_id":1}}""";

    private readonly ContractWatch _watch = new();

    [Fact]
    public void Message_of_the_server_that_is_not_described_is_a_violation()
    {
        Receive("""{"type":"pong","id":"x"}""");
        _watch.ThrowIfViolated();
        Receive("""{"type":"pong","later":1}""");
        Receive("""{"type":"pong"}""");
        var e = Assert.Throws<InvalidOperationException>(_watch.ThrowIfViolated);
        Assert.Contains("\"later\":1", e.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{"type":"ping"}""", false)]
    [InlineData(Wrong, true)]
    [InlineData("hello", true)]
    [InlineData("", true)]
    [InlineData("""{"type":"hello"}""", true)]
    [InlineData("""{"type":"ping","type":"ping"}""", true)]
    [InlineData("{\"type\":\"ping\",\"id\":\"\\ud800\"}", true)]
    public void Wrong_message_must_be_answered(string text, bool isWrong)
    {
        Send(text);
        Assert.Equal(isWrong, _watch.Unanswered is not null);
    }

    [Theory]
    [InlineData("""{"type":"error","data":{"code":"invalid_message","message":"x"}}""", true)]
    [InlineData("""{"type":"error","data":{"code":"rate_limited","message":"x"}}""", true)]
    [InlineData("""{"type":"error","data":{"code":"access_denied","message":"x"}}""", false)]
    [InlineData("""{"type":"subscription","data":{"scope":"organization","status":"subscribed"}}""", false)]
    public void Only_an_error_for_wrong_messages_excuses_one(string answer, bool excuses)
    {
        Send(Wrong);
        Receive(answer);
        Assert.Equal(excuses, _watch.Unanswered is null);
    }

    [Fact]
    public void Each_error_excuses_one_message_that_was_sent_before_it()
    {
        const string error = """{"type":"error","data":{"code":"invalid_message","message":"x"}}""";
        Receive(error);
        Send(Wrong);
        Send("hello");
        Receive(error);
        Assert.StartsWith("hello", _watch.Unanswered, StringComparison.Ordinal);
        Receive(error);
        Assert.Null(_watch.Unanswered);
        _watch.ThrowIfViolated();
    }

    private void Send(string text) => _watch.Sent(Encoding.UTF8.GetBytes(text));

    private void Receive(string text)
    {
        using var json = JsonDocument.Parse(text);
        _watch.Received(json.RootElement);
    }
}
