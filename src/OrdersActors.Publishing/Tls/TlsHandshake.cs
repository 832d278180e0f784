namespace OrdersActors.Publishing.Tls;

/// <summary>
/// The outcome of one handshake. Orleans' callbacks do not say which connection they belong to; an
/// <see cref="AsyncLocal{T}"/> with this object does.
/// </summary>
internal sealed class TlsHandshake
{
    /// <summary>Whether both sides have accepted each other, as far as this side knows.</summary>
    public bool IsDone { get; set; }

    /// <summary>Why this side refused the other, or null.</summary>
    public string? Problem { get; set; }
}
