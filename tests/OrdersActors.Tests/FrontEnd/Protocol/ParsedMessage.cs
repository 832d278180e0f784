using System.Text;
using OrdersActors.FrontEnd.Protocol;

namespace OrdersActors.Tests.FrontEnd.Protocol;

/// <summary>Parses a client's message that is known to be valid, or known not to be.</summary>
internal static class ParsedMessage
{
    public static ClientMessage Valid(string text)
    {
        var message = ClientMessageParser.Parse(Encoding.UTF8.GetBytes(text));
        Assert.Null(message.Refusal);
        return message;
    }

    public static Refusal Refused(string text) =>
        Assert.IsType<Refusal>(ClientMessageParser.Parse(Encoding.UTF8.GetBytes(text)).Refusal);
}
