namespace MLNet.FineTune.Benchmarks.FewShot;

/// <summary>A labelled text, as ML.NET reads it.</summary>
internal sealed class TextRow
{
    public string Text { get; set; } = "";

    public string Label { get; set; } = "";
}
