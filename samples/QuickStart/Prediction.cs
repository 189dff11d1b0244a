namespace QuickStart;

/// <summary>What the model says of a text; the properties are columns of its output.</summary>
internal sealed class Prediction
{
    /// <summary>The most probable label.</summary>
    public string PredictedIntent { get; set; } = "";

    /// <summary>The probability of each label.</summary>
    public float[] Score { get; set; } = [];
}
