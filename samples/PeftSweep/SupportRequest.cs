using Microsoft.ML.Data;

namespace PeftSweep;

/// <summary>A row of the data files: a text and its label.</summary>
internal sealed class SupportRequest
{
    [LoadColumn(0)]
    public string Text { get; set; } = "";

    [LoadColumn(1)]
    public string Intent { get; set; } = "";
}
