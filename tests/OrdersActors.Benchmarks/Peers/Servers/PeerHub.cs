using Microsoft.AspNetCore.SignalR;

namespace OrdersActors.Benchmarks.Peers.Servers;

/// <summary>The methods that the clients of the SignalR peer call.</summary>
internal sealed class PeerHub : Hub
{
    private const string Authenticated = "authenticated";

    public string Connect(string apiKey, string signature)
    {
        if (!PeerAccount.IsSigned(apiKey, signature))
        {
            throw new HubException("Wrong signature.");
        }

        Context.Items[Authenticated] = true;
        return Authenticated;
    }

    public async Task<string> Subscribe(string orderId)
    {
        if (!Context.Items.ContainsKey(Authenticated))
        {
            throw new HubException("Connect first.");
        }

        await Groups.AddToGroupAsync(Context.ConnectionId, orderId);
        return "subscribed";
    }
}
