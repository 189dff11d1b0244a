namespace WeakSupervision;

/// <summary>What a classifier says of a text; empty for nothing.</summary>
internal sealed class Prediction
{
    public string Predicted { get; set; } = "";
}
