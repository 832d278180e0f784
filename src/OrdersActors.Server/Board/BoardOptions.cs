namespace OrdersActors.Server.Board;

/// <summary>Settings of the board, the server's web page. Section <c>OrdersActors:Board</c>.</summary>
internal sealed class BoardOptions
{
    /// <summary>
    /// Whether the board is served at <c>/</c>. Default: true in Development, else false. The demo account exists in
    /// Development only; this setting does not change that.
    /// </summary>
    public bool? Enabled { get; set; }
}
