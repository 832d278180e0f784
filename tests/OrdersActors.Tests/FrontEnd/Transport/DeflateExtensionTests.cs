using OrdersActors.FrontEnd.Transport;

namespace OrdersActors.Tests.FrontEnd.Transport;

/// <summary>The negotiation of permessage-deflate: RFC 7692, sections 5.1 and 7.1.</summary>
public sealed class DeflateExtensionTests
{
    private const string Plain = "permessage-deflate; server_no_context_takeover; client_no_context_takeover";

    [Theory]
    [InlineData("permessage-deflate")]
    [InlineData("permessage-deflate; client_max_window_bits")]
    [InlineData("permessage-deflate; client_max_window_bits=8")]
    [InlineData("permessage-deflate;client_max_window_bits=\"15\"")]
    [InlineData("permessage-deflate; server_no_context_takeover")]
    [InlineData("permessage-deflate; client_no_context_takeover")]
    [InlineData(" permessage-deflate ;\tserver_no_context_takeover ; client_no_context_takeover ")]
    [InlineData("x-webkit-deflate-frame, permessage-deflate")]
    [InlineData("foo; bar=\"a, permessage-deflate; x\\\", \", permessage-deflate; client_max_window_bits")]
    public void Offer_is_accepted_without_context_takeover(string offer)
    {
        var accepted = DeflateExtension.Choose(offer);
        Assert.Equal(Plain, accepted?.Answer);
        Assert.Equal(int.MaxValue, accepted?.Window);
    }

    [Theory]
    [InlineData("8", 256)]
    [InlineData("9", 512)]
    [InlineData("10", 1024)]
    [InlineData("12", 4096)]
    [InlineData("14", 16_384)]
    [InlineData("15", int.MaxValue)]
    [InlineData("\"12\"", 4096)]
    public void Window_of_the_server_is_answered_and_limits_which_messages_are_compressed(string bits, int window)
    {
        var accepted = DeflateExtension.Choose($"permessage-deflate; server_max_window_bits={bits}");
        Assert.Equal($"{Plain}; server_max_window_bits={bits.Trim('"')}", accepted?.Answer);
        Assert.Equal(window, accepted?.Window);
    }

    [Theory]
    [InlineData("")]
    [InlineData("permessage-deflated")]
    [InlineData("Permessage-Deflate")]
    [InlineData("permessage-bzip2")]
    [InlineData("permessage-deflate=1")]
    [InlineData("permessage-deflate;")]
    [InlineData("permessage-deflate; unknown")]
    [InlineData("permessage-deflate; unknown=1")]
    [InlineData("permessage-deflate; client_max_window_bits; unknown")]
    [InlineData("permessage-deflate; server_no_context_takeover=1")]
    [InlineData("permessage-deflate; server_no_context_takeover=")]
    [InlineData("permessage-deflate; client_no_context_takeover=true")]
    [InlineData("permessage-deflate; server_no_context_takeover; server_no_context_takeover")]
    [InlineData("permessage-deflate; client_no_context_takeover; client_no_context_takeover")]
    [InlineData("permessage-deflate; client_max_window_bits; client_max_window_bits=10")]
    [InlineData("permessage-deflate; client_max_window_bits=7")]
    [InlineData("permessage-deflate; client_max_window_bits=16")]
    [InlineData("permessage-deflate; client_max_window_bits=")]
    [InlineData("permessage-deflate; client_max_window_bits=x")]
    [InlineData("permessage-deflate; server_max_window_bits")]
    [InlineData("permessage-deflate; server_max_window_bits=")]
    [InlineData("permessage-deflate; server_max_window_bits=7")]
    [InlineData("permessage-deflate; server_max_window_bits=16")]
    [InlineData("permessage-deflate; server_max_window_bits=08")]
    [InlineData("permessage-deflate; server_max_window_bits=+9")]
    [InlineData("permessage-deflate; server_max_window_bits=-9")]
    [InlineData("permessage-deflate; server_max_window_bits=10.0")]
    [InlineData("permessage-deflate; server_max_window_bits=99999999999")]
    [InlineData("permessage-deflate; server_max_window_bits=\"12")]
    [InlineData("permessage-deflate; server_max_window_bits=12; server_max_window_bits=12")]
    [InlineData("foo=\"permessage-deflate, permessage-deflate")]
    public void Offer_with_anything_else_is_declined(string offer) => Assert.Null(DeflateExtension.Choose(offer));

    [Fact]
    public void First_offer_that_is_valid_is_chosen_also_from_several_headers()
    {
        Assert.Equal(
            10,
            DeflateExtension.Choose(
                "permessage-deflate; server_max_window_bits=7, permessage-deflate; server_max_window_bits=10, "
                + "permessage-deflate")?.WindowBits);
        Assert.Equal(
            11,
            DeflateExtension.Choose(
                new(["foo", "permessage-deflate; x", "permessage-deflate; server_max_window_bits=11"]))?.WindowBits);
        Assert.Null(DeflateExtension.Choose(default));
    }
}
