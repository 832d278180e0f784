namespace OrdersActors.Server.Board;

/// <summary>Whether the server shows the board, its page for people. Section <c>OrdersActors:Board</c>.</summary>
internal sealed class BoardOptions
{
    /// <summary>
    /// Whether the board is served at <c>/</c>. Default: yes in the Development environment, no elsewhere. Placing and
    /// advancing demo orders works in Development only, whatever is set here.
    /// </summary>
    public bool? Enabled { get; set; }
}
