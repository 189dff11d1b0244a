using Microsoft.ML.Data;

namespace FewShotIntents;

/// <summary>What the model says of a text.</summary>
internal sealed class Prediction
{
    public string PredictedIntent { get; set; } = "";

    [ColumnName("Score")]
    public float[] Probabilities { get; set; } = [];
}
