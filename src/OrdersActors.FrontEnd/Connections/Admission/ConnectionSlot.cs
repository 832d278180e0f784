using System.Net;

namespace OrdersActors.FrontEnd.Connections.Admission;

/// <summary>
/// An admitted connection's slot in <see cref="ConnectionAdmission"/>. Used only by the connection's own task.
/// </summary>
internal sealed class ConnectionSlot(ConnectionAdmission admission, IPAddress? address) : IDisposable
{
    private bool _isAuthenticated;

    /// <summary>The client's address, for logs; null on a Unix socket.</summary>
    public IPAddress? Address => address;

    /// <summary>
    /// Records that the connection has authenticated and no longer counts as one that has not. May be called again.
    /// </summary>
    public void Authenticated()
    {
        if (!_isAuthenticated)
        {
            _isAuthenticated = true;
            admission.Authenticated();
        }
    }

    public void Dispose() => admission.Leave(address, _isAuthenticated);
}
