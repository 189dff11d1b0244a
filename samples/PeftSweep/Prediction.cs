namespace PeftSweep;

/// <summary>What the model says of a text.</summary>
internal sealed class Prediction
{
    public string PredictedIntent { get; set; } = "";
}
