using System.Diagnostics;
using System.Text;

namespace OrdersActors.TestServer;

/// <summary>The output of a process, kept for failure messages. Bounded to about the newest 64 K characters.</summary>
internal sealed class CapturedOutput
{
    private const int Limit = 64 * 1024;
    private readonly StringBuilder _text = new();
    private readonly Action<string>? _onLine;

    public CapturedOutput(Process process, Action<string>? onLine)
    {
        _onLine = onLine;
        process.OutputDataReceived += (_, line) => Add(line.Data);
        process.ErrorDataReceived += (_, line) => Add(line.Data);
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
    }

    public override string ToString()
    {
        lock (_text)
        {
            return _text.ToString();
        }
    }

    private void Add(string? line)
    {
        if (line is not null)
        {
            _onLine?.Invoke(line);
        }

        lock (_text)
        {
            _text.AppendLine(line);
            if (_text.Length > 2 * Limit)
            {
                _text.Remove(0, _text.Length - Limit);
            }
        }
    }
}
