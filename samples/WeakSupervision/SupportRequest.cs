using Microsoft.ML.Data;

namespace WeakSupervision;

/// <summary>A row of the data files: a text and its true label, which the rules do not see.</summary>
internal sealed class SupportRequest
{
    [LoadColumn(0)]
    public string Text { get; set; } = "";

    [LoadColumn(1)]
    public string Intent { get; set; } = "";
}
