namespace MLNet.FineTune;

/// <summary>How the loss for all rows is predicted from runs on few.</summary>
public enum EncoderSelectionMethod
{
    /// <summary>AtS: from the largest subset down, as long as log-loss is a line against log-rows; that line is extended. Runs on smaller subsets are spared.</summary>
    AcceptThenStop,

    /// <summary>The law with a pre-learned data size, fitted to runs on all subsets: for subsets so small that the loss hardly falls at first.</summary>
    RectifiedScalingLaw,
}
